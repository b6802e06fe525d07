from django.db import migrations

from accounts.triggers import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_packs")]

    operations = [
        refuse_changes("documents_pack", when="OLD.status = 'issued' AND OLD.state = 'done'"),
        refuse_changes("documents_packdocument", when="OLD.is_sealed"),
        refuse_changes("documents_documenttemplate"),
    ]
