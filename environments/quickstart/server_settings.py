# Nothing in here is secret: the quickstart shows how such a file travels.
DEBUG = False
ALLOWED_HOSTS = ["quickstart.example.org"]
SECRET_KEY = "not-a-secret-only-an-example"
