def test_walk(client, domain):
    for path in ("/domains","/domains/new",f"/domains/{domain.name}",f"/domains/{domain.name}/users",f"/domains/{domain.name}/users/new",f"/domains/{domain.name}/groups",f"/domains/{domain.name}/sync",f"/domains/{domain.name}/sources/new",f"/domains/{domain.name}/sources/new/active-dir","/account"):
        print(path)
        try: client.page(path)
        except AssertionError as e: print("   ", e)
