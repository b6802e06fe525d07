from django.db import migrations

from accounts.triggers import refuse_changes

WRITTEN_ONCE = ("poolsnapshot", "ratingaction", "compliancerun", "complianceresult", "payment", "trusteereport")


class Migration(migrations.Migration):
    dependencies = [("portfolios", "0001_clo_deals")]

    operations = [
        *(refuse_changes(f"portfolios_{model}") for model in WRITTEN_ONCE),
        refuse_changes("portfolios_limitset", when="OLD.status = 'active'"),
    ]
