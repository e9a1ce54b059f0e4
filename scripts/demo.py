#!/usr/bin/env python3
"""The demo: a coordinator server, an organisation of invented people, and a mentor and a coordinator at work in it.

    demo.py run [--browser]  until Ctrl-C, in .demo/
    demo.py check            the main job once, through the browser's door, in a folder that is thrown away
    demo.py taps             the page's tap stories on a real device, in a folder that is thrown away

./start and ./test call it when everything is built. Needs Python's own library only.
"""

import argparse
import contextlib
import ctypes
import datetime
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILT = ROOT / "target" / "debug"
DEMO = ROOT / ".demo"
SEED = 20261122
WINDOW_SECONDS = 20



def a_pin():
    """Six different digits that nobody tries first: what the app refuses begins with neighbours or as one of these."""
    while True:
        pin = "".join(secrets.SystemRandom().sample("0123456789", 6))
        if abs(int(pin[0]) - int(pin[1])) not in (1, 9) and pin[:2] not in ("14", "15", "25"):
            return pin


class Failed(Exception):
    """Why it cannot go on: a sentence in Danish and in English."""


class Stopped(Exception):
    """Somebody asked this process to end."""


def say(danish, english):
    dim, plain = ("\033[2m", "\033[0m") if sys.stdout.isatty() else ("", "")
    print(f"{danish}\n{dim}  {english}{plain}", flush=True)


def die_with_parent(parent):
    """Even a killed parent leaves nothing behind. Where the system cannot promise that, the ordinary way must do."""
    def prepare():
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(1, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)
    return prepare


class Household:
    """Every process that was started, and that none of them outlives this."""

    def __init__(self, logs):
        logs.mkdir(parents=True, exist_ok=True)
        self.logs = logs
        self.processes = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for name in reversed(list(self.processes)):
            self.end(name)

    def start(self, name, command, **environment):
        with open(self.logs / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT,
                env={**os.environ, **environment}, start_new_session=True, preexec_fn=die_with_parent(os.getpid()))
        return self.processes[name]

    def end(self, name):
        process = self.processes.pop(name)
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, number)
            except ProcessLookupError:
                pass
            try:
                process.wait(timeout=8)
            except subprocess.TimeoutExpired:
                continue

    def told(self, name):
        lines = (self.logs / f"{name}.log").read_text(errors="replace").splitlines()
        return "\n".join(f"    | {line}" for line in lines[-12:])

    def wait_for(self, name, file, seconds=30):
        """What the process writes into the file when it is ready."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.processes[name].poll() is None:
            if file.exists() and (text := file.read_text()).endswith("\n"):
                return text.strip()
            time.sleep(0.05)
        raise Failed(f"{name} kom ikke i gang:\n{self.told(name)}", f"{name} did not start; its last words are above")


def cli(*words):
    """The command line's answer."""
    done = subprocess.run([str(BUILT / "brobygger"), "--json", *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=ROOT)
    if done.returncode != 0:
        raise Failed(f"brobygger {words[0]} gik galt: {done.stderr.strip()}", "the command line failed")
    return json.loads(done.stdout.splitlines()[-1])


class World:
    """A folder with a server and the people of a demo organisation. What was made once is used again."""

    def __init__(self, folder, household):
        self.folder = folder
        self.household = household
        self.record = folder / "world.json"
        self.facts = json.loads(self.record.read_text()) if self.record.exists() else {}

    def open(self):
        # The people know their server by its address, so it keeps its port.
        address = f"127.0.0.1:{self.facts.get('port', 0)}"
        if not self.facts:
            for name in ("server", "people"):
                shutil.rmtree(self.folder / name, ignore_errors=True)
            (self.folder / "server").mkdir(mode=0o700)
        elif not is_free(self.facts["port"]):
            raise Failed(f"Port {self.facts['port']}, som demoen bruger, er optaget: luk det, der bruger den, eller kør ./start --reset.",
                         f"port {self.facts['port']} of this demo is taken: close what uses it, or run ./start --reset")
        bound = self.folder / "server" / "address"
        bound.unlink(missing_ok=True)
        self.household.start("server", [BUILT / "brobygger-server", "serve", "--db", f"sqlite:{self.folder / 'server' / 'log.db'}",
                                        "--listen", address, "--port-file", bound])
        self.url = "http://" + self.household.wait_for("server", bound)
        if not self.facts:
            self.seed()
        return self

    def seed(self):
        say("Laver en organisation af opdigtede mennesker (omkring et minut) …", "making an organisation of invented people (about a minute)")
        people = {key: Person(key, self) for key in ("coordinator", "mentor", "second-mentor")}
        words = []
        for one in people.values():
            option = "--coordinator" if one.key == "coordinator" else "--mentor"
            one.make_secret()
            words += [option, one.data, f"{option}-passphrase-file", one.secret_file]
            if one.has_pin:
                words += [f"{option}-keystore", one.keystore]
        # Without an anchor its present is today, where the demo takes place.
        made = cli("demo", "seed", "--server", self.url, "--tier", "S", "--seed", SEED, *words)
        for one in people.values():
            (one.data / "demo").touch()
        self.facts = {"port": int(self.url.rsplit(":", 1)[1]), "anchor": made["anchor"]}
        beside = self.record.with_suffix(".new")
        beside.write_text(json.dumps(self.facts))
        beside.rename(self.record)

    def person(self, key):
        return Person(key, self)


def is_free(port):
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


WORDS = "anker birk bro bænk drage eng fjord fyr grøft havn hegn kaj kande klint lanterne marsk mose pæl rav skov sti strand sø tang uldhue vig vind".split()


class Person:
    """Somebody of the demo, with a device of their own: mentors have phones with a PIN, the coordinator a passphrase."""

    def __init__(self, key, world):
        self.key, self.household = key, world.household
        self.home = world.folder / "people" / key
        self.data, self.secret_file = self.home / "device", self.home / "secret"
        self.has_pin = key != "coordinator"
        # What stands in for a phone's keystore; the app looks for it beside the vault.
        self.keystore = self.data / "keystore"

    def make_secret(self):
        self.home.mkdir(mode=0o700, parents=True)
        pin = a_pin()
        passphrase = " ".join(secrets.SystemRandom().sample(WORDS, 6))
        self.secret_file.touch(mode=0o600)
        self.secret_file.write_text((pin if self.has_pin else passphrase) + "\n")

    @property
    def secret(self):
        """How the page asks for it, and what it is."""
        return "pin" if self.has_pin else "passphrase", self.secret_file.read_text().strip()

    @property
    def name(self):
        return self.cli("whoami")["person"]

    def preview(self):
        """The address, with its token, at which a browser becomes this person's device."""
        file = self.home / "address"
        file.unlink(missing_ok=True)
        self.household.start(self.key, [BUILT / "examples" / "preview", "--data", self.data, "--port", "0", "--token-file", file])
        return self.household.wait_for(self.key, file)

    def cli(self, *words):
        keystore = ["--keystore", self.keystore] if self.has_pin else []
        return cli("--data", self.data, *keystore, "--passphrase-file", self.secret_file, *words)


class Browser:
    """What the page does: a token for a session, then commands by name."""

    def __init__(self, address):
        self.base, _, self.token = address.partition("/#t=")
        self.bearer = None

    def post(self, path, body):
        request = urllib.request.Request(self.base + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        if self.bearer:
            request.add_header("Authorization", f"Bearer {self.bearer}")
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")

    def enter(self):
        status, answer = self.post("/session", {"token": self.token})
        if status == 200:
            self.bearer = answer["bearer"]
        return status

    def call(self, command, **arguments):
        status, answer = self.post(f"/ipc/{command}", arguments)
        if status != 200:
            raise Failed(f"{command} blev afvist: {answer}", f"{command} was refused")
        return answer


def has_page(process):
    """Whether the app has a window with a page in it: WebKit gives each page a process below the app's."""
    parents, pages = {}, []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, _, rest = stat.read_text().partition(" (")
        except OSError:
            continue
        name, _, rest = rest.rpartition(") ")
        parents[int(number)] = int(rest.split()[1])
        if name.startswith("WebKitWebProc"):
            pages.append(int(number))
    for page in pages:
        while page in parents and page != process.pid:
            page = parents[page]
        if page == process.pid:
            return True
    return False


def open_windows(household, people):
    """One window for each; false when there is no display that answers."""
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    windows = [household.start(one.key, [BUILT / "brobygger-app"], BROBYGGER_DATA=str(one.data)) for one in people]
    until = time.monotonic() + WINDOW_SECONDS
    while time.monotonic() < until and all(window.poll() is None for window in windows):
        if all(has_page(window) for window in windows):
            return True
        time.sleep(0.2)
    for one in people:
        household.end(one.key)
    return False


def open_addresses(people, names):
    addresses = [(names[one.key], one.preview()) for one in people]
    say("Åbn hver adresse i sit eget browservindue. Den virker én gang; ./start igen giver nye.",
        "open each address in a browser window of its own; it works once, and ./start again gives new ones")
    for name, address in addresses:
        print(f"  {name}:\n    {address}")
    ports = [Browser(address).base.rsplit(":", 1)[1] for _, address in addresses]
    say("Fra en anden maskine, først dér:", "from another machine, there first:")
    print("    ssh " + " ".join(f"-L {port}:127.0.0.1:{port}" for port in ports) + " BRUGER@DENNE-MASKINE", flush=True)


TITLE = {"mentor": "mentor", "coordinator": "koordinator"}


def run(browser):
    with Household(DEMO / "logs") as household:
        world = World(DEMO, household).open()
        if (anchor := world.facts["anchor"]) != datetime.date.today().isoformat():
            say(f"Demoen er fra {anchor}: ./start --reset laver en, der begynder i dag.", f"the demo is from {anchor}: ./start --reset makes one of today")
        people = [world.person("mentor"), world.person("coordinator")]
        # A vault has one opener at a time, so the names are asked for before the apps are there.
        names = {one.key: f"{one.name} ({TITLE[one.key]})" for one in people}
        windows = not browser and open_windows(household, people)
        if windows:
            say("To vinduer er åbne: mentor og koordinator.", "two windows are open: mentor and coordinator")
        else:
            if not browser and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
                say("Skærmen svarer ikke, så demoen vises i en browser.", "the display does not answer, so the demo is shown in a browser")
            open_addresses(people, names)
        say("Alle mennesker er opdigtede. Deres hemmeligheder:", "all people are invented; their secrets:")
        for one in people:
            kind, secret = one.secret
            print(f"  {names[one.key]}: {'PIN' if kind == 'pin' else 'adgangssætning'}  {secret}")
        say("Ctrl-C standser alt; det, der er skrevet, bliver i .demo til næste ./start.", "Ctrl-C stops everything; what was written stays in .demo for the next ./start")
        print("Klar", flush=True)
        watch(household, windows)


def watch(household, windows):
    """Until the windows are closed, or something ends that should not."""
    while True:
        for name, process in list(household.processes.items()):
            if process.poll() is None:
                continue
            if not windows or name == "server":
                raise Failed(f"{name} standsede:\n{household.told(name)}", f"{name} stopped; its last words are above")
            household.end(name)
        if windows and list(household.processes) == ["server"]:
            return
        time.sleep(0.3)


class Checks:
    passed = 0

    def holds(self, danish, english, truth=True):
        if not truth:
            raise Failed(f"Dette holdt ikke: {danish}", f"this did not hold: {english}")
        self.passed += 1
        say(f"  ok  {danish}", f"    {english}")


def passing_world(work):
    """A world in a folder that is thrown away; never the person's own demo."""
    DEMO.mkdir(mode=0o700, exist_ok=True)
    for old in DEMO.glob("check-*"):
        if not Path("/proc", old.name.removeprefix("check-")).exists():
            shutil.rmtree(old, ignore_errors=True)
    folder = DEMO / f"check-{os.getpid()}"
    folder.mkdir(mode=0o700)
    try:
        with Household(folder / "logs") as household:
            return work(World(folder, household).open())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def check(world):
    checks = Checks()
    place = f"Bænken ved Prøvevej {os.getpid()}"
    mentor, coordinator = world.person("mentor"), world.person("coordinator")
    checks.holds("serveren kører, og organisationen er lavet", "the server runs and the organisation is made")

    address = mentor.preview()
    browser, stranger = Browser(address), Browser(address)
    stranger.token = "A" * len(browser.token)
    checks.holds("døren åbner for sin adresse, og kun én gang", "the door opens for its address, and only once",
                 (stranger.enter(), browser.enter(), stranger.post("/ipc/cases", {})[0], Browser(address).enter()) == (401, 200, 401, 401))

    kind, secret = mentor.secret
    state = browser.call("unlock", kind=kind, secret=secret)
    checks.holds("mentorens enhed er låst op og mærket syntetisk", "the mentor's device is unlocked and marked synthetic",
                 state["phase"] == "unlocked" and state["synthetic"] is True and state["me"]["role"] == "mentor")

    case = browser.call("cases")[0]
    meeting = browser.call("log_meeting", id=case["id"], kind="meeting", at=None, minutes=47, place=place)["id"]
    timeline = browser.call("case_view", id=case["id"])["timeline"]
    checks.holds("et møde er noteret og står i forløbet", "a meeting is logged and stands in the timeline",
                 any(entry["type"] == "meeting" and entry["id"] == meeting and entry["place"] == place for entry in timeline))
    checks.holds("koordinatoren har det ikke endnu", "the coordinator does not have it yet",
                 meeting not in coordinator.cli("case", "show", case["id"])["meetings"])

    line = browser.call("sync_now")
    checks.holds("mentoren har sendt alt", "the mentor has sent everything", line["waiting"] == 0 and line["state"] == "all_sent")
    coordinator.cli("sync")
    seen = coordinator.cli("case", "show", case["id"])["meetings"].get(meeting, {})
    checks.holds("koordinatorens enhed læser mødet", "the coordinator's device reads the meeting", seen.get("place") == place and seen.get("minutes") == 47)

    stored = b"".join(file.read_bytes() for file in (world.folder / "server").iterdir() if file.is_file())
    checks.holds("serveren har det, men kan ikke læse det", "the server has it and cannot read it",
                 len(stored) > 0 and not any(word.encode() in stored for word in (place, state["me"]["name"])))
    return f"check: {checks.passed} passed, 0 failed"


def taps(world):
    mentor = world.person("mentor")
    browser = Browser(mentor.preview())
    kind, secret = mentor.secret
    story = world.household.start("taps", ["node", ROOT / "ui" / "e2e" / "taps.spec.mjs", "--base", browser.base, "--token", browser.token, "--kind", kind, "--secret", secret])
    code = story.wait()
    said = (world.household.logs / "taps.log").read_text()
    if code != 0:
        raise Failed(f"Trykkene gik galt:\n{said}", "the tap stories failed")
    return said.strip()


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("what", choices=["run", "check", "taps"])
    words.add_argument("--browser", action="store_true")
    words = words.parse_args()

    def stopped(number, _):
        raise Stopped(signal.Signals(number).name)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stopped)
    os.umask(0o077)
    try:
        if words.what == "run":
            run(words.browser)
        else:
            print(passing_world({"check": check, "taps": taps}[words.what]))
    except Failed as failed:
        print("\n".join(failed.args), file=sys.stderr)
        return 1
    except Stopped as stopped:
        # Whoever listened may be gone with the terminal.
        with contextlib.suppress(OSError):
            say("Standset; intet kører mere.", f"stopped by {stopped}; nothing runs any more")
        return 0 if words.what == "run" else 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
