"""A process killed in the middle of a delivery: nothing is lost, and what comes twice has one id."""

import subprocess
import sys
import threading
from pathlib import Path

from models.database import Database
from scheduler.webhooks.courier import deliver_due
from tests.hook_server import HookServer
from tests.integration.webhooks.stage import set_stage

ROOT = Path(__file__).parents[3]


def test_a_process_killed_while_a_message_is_on_its_way_loses_none(database: Database) -> None:
    stage, gate = set_stage(database), threading.Event()
    with HookServer(gate=gate) as server:
        hook = stage.add(server.url)
        stage.happen("sent", "answered", "completed")
        url = database.engine.url.render_as_string(hide_password=False)
        command = [sys.executable, "-m", "tests.integration.webhooks.victim", url, stage.now.isoformat()]
        with subprocess.Popen(command, cwd=ROOT) as victim:
            assert server.asked.wait(30)
            victim.kill()
        gate.set()
        assert stage.states(hook.id) == ["waiting"] * 3
        assert deliver_due(stage.courier()) == {}  # whoever holds them may still be alive
        stage.wait(minutes=5)
        assert deliver_due(stage.courier()) == {"delivered": 3}

    ids = [posted.headers["webhook-id"] for posted in server.posted]
    assert ids[0] == ids[1]
    assert len(ids) == 4
    assert len(set(ids)) == 3
    assert stage.states(hook.id) == ["delivered"] * 3
