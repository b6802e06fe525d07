import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(blank=True, editable=False, max_length=20)),
                (
                    "title",
                    models.CharField(blank=True, help_text="What it is about, in a list of jobs.", max_length=200),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("working", "Working"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        db_index=True,
                        default="queued",
                        max_length=9,
                    ),
                ),
                (
                    "total_count",
                    models.PositiveBigIntegerField(default=1, help_text="Of its kind's units: permutations, paths."),
                ),
                ("done_count", models.PositiveBigIntegerField(default=0)),
                ("heartbeat_at", models.DateTimeField(blank=True, null=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("resumed_at", models.DateTimeField(blank=True, null=True)),
                ("resumed_done_count", models.PositiveBigIntegerField(default=0)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("summary", models.JSONField(blank=True, default=dict)),
                ("error", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="jobs", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at", "code"),
                "indexes": [models.Index(fields=["requested_by", "-created_at"], name="job_by_person_newest")],
            },
        ),
        migrations.CreateModel(
            name="Part",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("is_closing", models.BooleanField(default=False)),
                ("start", models.PositiveBigIntegerField()),
                ("stop", models.PositiveBigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "Pending"), ("claimed", "Claimed"), ("done", "Done")],
                        default="pending",
                        max_length=8,
                    ),
                ),
                ("claimed_by", models.CharField(blank=True, max_length=120)),
                ("heartbeat_at", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("counts", models.JSONField(blank=True, default=dict)),
                (
                    "job",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="jobs.job"),
                ),
            ],
            options={
                "ordering": ("job", "number"),
                "constraints": [models.UniqueConstraint(fields=("job", "number"), name="one_part_of_a_number")],
                "indexes": [models.Index(fields=["job", "state"], name="part_by_job_and_state")],
            },
        ),
    ]
