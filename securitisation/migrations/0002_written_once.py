from django.db import migrations

from accounts.triggers import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("securitisation", "0001_loan_pools_and_structures")]

    operations = [refuse_changes("securitisation_loanpool"), refuse_changes("securitisation_structureversion")]
