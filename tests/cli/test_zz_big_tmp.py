import time
from tests import factories
from tests.cli.command_line import CommandLine
def test_big(app, domain):
    factories.many(domain, 100_000)
    name = domain.name; f = CommandLine(app)
    from console.models import db
    for args in (["--json"],["--csv"],[]):
        db.session.remove()
        t=time.monotonic(); r=f("users","list",name,*args); print(args, time.monotonic()-t, len(r.stdout))
