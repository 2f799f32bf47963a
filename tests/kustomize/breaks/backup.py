"""Breaks of the backup and the restore."""

from tests.kustomize.breaks.table import Breaks, drop_step, file, scratch, script, spec, variable

BREAKS: Breaks = {
    "a_backup_is_made_each_night": {
        "never": lambda c: spec(c, "CronJob", "mysql-backup").update(suspend=True),
        "each week": lambda c: spec(c, "CronJob", "mysql-backup").update(schedule="17 19 * * 0"),
        "each hour": lambda c: spec(c, "CronJob", "mysql-backup").update(schedule="17 * * * *"),
        "two at once": lambda c: spec(c, "CronJob", "mysql-backup").update(concurrencyPolicy="Allow"),
    },
    "a_step_that_failed_is_the_last": {
        "it gets its name though the books do not agree": lambda c: (
            c.pod("mysql-backup").container("check").update(command=["sh", "-uc"])
        ),
        "half a dump is a dump": lambda c: (
            c.pod("mysql-backup").container("dump").update(command=["bash", "-eu", "-c"])
        ),
    },
    "a_backup_counts_only_when_it_was_restored_and_checked": {
        "it gets its name before the check": lambda c: script(
            c, "mysql-backup", "check", "python manage.py check_books\n"
        ),
        "the dump gives itself its name": lambda c: script(c, "mysql-backup", "dump", "ls -l", "mv"),
        "nothing is restored": lambda c: drop_step(c, "mysql-backup", "restore"),
        "the check does not mind": lambda c: script(c, "mysql-backup", "check", "check_books", "check_books || true"),
    },
    "a_dump_is_whole_and_says_last_which_migrations_it_has": {
        "without a password": lambda c: script(c, "mysql-backup", "dump", 'export MYSQL_PWD="$MYSQL_PASSWORD"\n'),
        "of many moments": lambda c: script(c, "mysql-backup", "dump", " --single-transaction"),
        "in the order of names": lambda c: script(c, "mysql-backup", "dump", "table_name = 'django_migrations', "),
        "half a dump is a dump": lambda c: script(c, "mysql-backup", "dump", "grep -q '^-- Dump completed'", "cat"),
    },
    "a_backup_is_written_to_its_claim_alone": {
        "a folder of the pod": lambda c: scratch(c, "mysql-backup", "backup"),
        "restored from a folder of the pod": lambda c: scratch(c, "mysql-restore", "backup"),
        "elsewhere": lambda c: c.pod("mysql-backup").container("dump")["volumeMounts"][0].update(mountPath="/dump"),
    },
    "a_server_without_passwords_is_for_its_pod_alone": {
        "for everybody": lambda c: script(
            c, "mysql-backup", "scratch", "--bind-address=127.0.0.1", "--bind-address=0.0.0.0"
        ),
        "nothing is said": lambda c: script(c, "mysql-backup", "scratch", "--bind-address=127.0.0.1 "),
        "the café's own": lambda c: file(c, "mysql-server", "cafe.cnf", "skip-log-bin", "skip-grant-tables"),
    },
    "what_is_checked_is_what_was_restored": {
        "the café's own database is checked": lambda c: (
            c.pod("mysql-backup").container("check").update(envFrom=[{"configMapRef": {"name": "app-config"}}])
        ),
        "another database": lambda c: variable(c.pod("mysql-backup").container("check"), "DB_NAME").update(
            value="cloudcafe"
        ),
        "of another server": lambda c: script(c, "mysql-backup", "scratch", "/scratch/socket", "/tmp/socket"),
        "before it answers": lambda c: c.pod("mysql-backup").container("scratch").pop("startupProbe"),
        "the server of the last time": lambda c: c.pod("mysql-backup").container("scratch").pop("restartPolicy"),
    },
    "a_restore_sleeps_until_it_is_called": {
        "each new year": lambda c: spec(c, "CronJob", "mysql-restore").update(suspend=False),
        "tried again": lambda c: spec(c, "CronJob", "mysql-restore")["jobTemplate"]["spec"].update(backoffLimit=6),
    },
    "a_restore_refuses_while_others_are_connected": {
        "it says so and goes on": lambda c: script(c, "mysql-restore", "restore", "exit 1", "true"),
        "it does not look": lambda c: script(
            c, "mysql-restore", "restore", 'if [ "$others" != 0 ]; then', "if false; then"
        ),
        "no answer is a nought": lambda c: script(c, "mysql-restore", "restore", "others=unknown", "others=0"),
    },
    "a_restore_begins_an_epoch_and_checks_the_books": {
        "programs go on showing what they remember": lambda c: script(
            c, "mysql-restore", "after", "python manage.py new_menu_epoch\n"
        ),
        "the books are not checked": lambda c: script(c, "mysql-restore", "after", "python manage.py check_books\n"),
        "before the restore": lambda c: (
            c.pod("mysql-restore").spec["initContainers"].insert(0, c.pod("mysql-restore").spec["containers"][0])
        ),
    },
    "what_a_killed_backup_left_goes_and_nothing_else": {
        "one that still runs goes too": lambda c: script(c, "mysql-backup", "dump", "-mmin +180", "-mmin +60"),
        "it may hang for ever": lambda c: spec(c, "CronJob", "mysql-backup")["jobTemplate"]["spec"].pop(
            "activeDeadlineSeconds"
        ),
    },
}
