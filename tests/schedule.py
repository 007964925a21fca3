"""Which tests run in one process, one after the other, and in which order, when several processes share them.

Modules stay whole, since their fixtures are their own. Those that share what takes long to start stay together: a
browser with the processes that it looks at, a domain controller, of which a machine can have only one.
"""

from pathlib import PurePath

from xdist.scheduler import LoadScopeScheduling

# What takes longest comes first: begun last, one slow module would keep a single core busy while the others are done.
LONG = ("e2e", "browser", "cli")
TOGETHER = {
    "tests/browser/test_accessibility.py": "pages",
    "tests/browser/test_live.py": "pages",
    "tests/browser/test_without_javascript.py": "pages",
    "tests/browser/test_without_javascript_menu.py": "pages",
    "tests/browser/test_article_steps_1a_ldap_sync.py": "article",
    "tests/browser/test_article_steps_2_manual_entry.py": "article",
    "tests/browser/test_article_steps_3_import_csv_file.py": "article",
    "tests/browser/test_article_steps_4_address_discovery.py": "article",
    "tests/browser/test_first_run.py": "article",
    "tests/e2e/test_active_directory.py": "domain controller",
    "tests/e2e/test_active_directory_changes.py": "domain controller",
}


def is_long(nodeid: str) -> bool:
    return PurePath(nodeid.partition("::")[0]).parts[1] in LONG


class Together(LoadScopeScheduling):  # type: ignore[misc]  # It has no types.
    """xdist's scheduler of whole modules, with some of them as one."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        if module.startswith("tests/browser/"):
            return TOGETHER.get(module, "steps")
        return TOGETHER.get(module, module)
