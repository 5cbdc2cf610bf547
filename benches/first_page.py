#!/usr/bin/env python3
"""How long a phone on slow 3G waits for its first page, with nothing in its cache.

    cargo build --release && benches/first_page.py [rounds]

Wants chromium and chromedriver. Slow 3G as WebPageTest has it: 400 kbit/s each way, 400 ms there and back. The
browser's own emulation waits once for each request, not for connecting: where there is TLS, or a name to be found,
add 400 ms for each time there and back: once to connect, once more for TLS 1.3.
"""
import json
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "target" / ("debug" if "--debug" in sys.argv else "release") / "careloop"
ROUNDS = next((int(word) for word in sys.argv[1:] if word.isdigit()), 5)
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
PAINTED = """
const paint = performance.getEntriesByName("first-contentful-paint")[0];
const [page] = performance.getEntriesByType("navigation");
if (!paint || !page.loadEventEnd) return null;
const all = [page, ...performance.getEntriesByType("resource")].filter((e) => !e.name.endsWith("/live"));
return [paint.startTime, page.domContentLoadedEventEnd, page.loadEventEnd,
  all.reduce((sum, e) => sum + e.transferSize, 0), all.length];
"""


def ask(url, body=None, method=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"}, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def until(what):
    for _ in range(400):
        try:
            found = what()
            if found:
                return found
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.05)
    raise SystemExit("waited in vain")


class Hub:
    """The shipped household, with so many incidents open."""

    def __init__(self, folder, incidents):
        config = pathlib.Path(folder) / "config"
        shutil.copytree(ROOT / "config", config)
        http, mqtt = free_port(), free_port()
        gateway = config / "gateway.toml"
        text = gateway.read_text().replace("127.0.0.1:1883", f"127.0.0.1:{mqtt}")
        gateway.write_text(text.replace("127.0.0.1:8380", f"127.0.0.1:{http}"))
        self.base = f"http://127.0.0.1:{http}"
        command = [PROGRAM, "--config", config, "run"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
        until(lambda: urllib.request.urlopen(f"{self.base}/readyz").status == 200)
        helped = {"home": "h1", "device": "help-button", "property": "help", "value": True}
        ask(f"{self.base}/api/v1/observations", helped)
        for n in range(incidents - 1):
            said = {"say": "report", "by": "wang", "rule": "request-repair", "from": "grid", "text": f"lamp {n}"}
            ask(f"{self.base}/api/v1/homes/h1/said", {**said, "code": str(n)})

    def invitation(self):
        link = ask(f"{self.base}/api/v1/people/wang/invitation", method="POST")["link"]
        return self.base + link[link.index("/invite/"):]


class Phone:
    """A browser that has never been here."""

    def __init__(self):
        command = ["chromedriver", f"--port={(port := free_port())}"]
        self.driver = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.session = f"http://127.0.0.1:{port}/session"
        until(lambda: ask(f"http://127.0.0.1:{port}/status")["value"]["ready"])
        args = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        wanted = {"alwaysMatch": {"goog:chromeOptions": {"args": args}}}
        self.session += "/" + ask(self.session, {"capabilities": wanted})["value"]["sessionId"]
        self.tell("Emulation.setDeviceMetricsOverride", width=360, height=640, deviceScaleFactor=2, mobile=True)
        self.tell("Network.enable")
        # Through a service worker a page comes faster, and its size is told as it was before it was compressed.
        self.tell("Network.setBypassServiceWorker", bypass=True)

    def tell(self, command, **params):
        return ask(f"{self.session}/goog/cdp/execute", {"cmd": command, "params": params})["value"]

    def run(self, script):
        return ask(f"{self.session}/execute/sync", {"script": script, "args": []})["value"]

    def go(self, url):
        ask(f"{self.session}/url", {"url": url})

    def first(self, url):
        """Opens it on slow 3G, with nothing in the cache."""
        self.go("about:blank")
        self.tell("Network.clearBrowserCache")
        self.tell("Network.emulateNetworkConditions", **SLOW_3G)
        self.go(url)
        figures = until(lambda: self.run(PAINTED))
        fast = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.tell("Network.emulateNetworkConditions", offline=False, **fast)
        return figures

    def close(self):
        ask(self.session, method="DELETE")
        self.driver.terminate()
        self.driver.wait()


def main():
    print("| first page, slow 3G | to be seen, ms | read, ms | loaded, ms | kB | requests |")
    print("|---|---:|---:|---:|---:|---:|")
    for incidents in (1, 20):
        with tempfile.TemporaryDirectory() as folder:
            hub = Hub(folder, incidents)
            try:
                pages = {"log in": [], f"the list, {incidents} open": []}
                for _ in range(ROUNDS):
                    phone = Phone()
                    pages["log in"].append(phone.first(hub.invitation()))
                    phone.run('document.querySelector("main button.main").click()')
                    until(lambda: phone.run('return !!document.querySelector("a.who")'))
                    pages[f"the list, {incidents} open"].append(phone.first(f"{hub.base}/"))
                    phone.close()
            finally:
                hub.process.terminate()
                hub.process.wait()
        for name, figures in pages.items():
            if name != "log in" or incidents == 1:
                seen, read, loaded, size, count = (statistics.median(each) for each in zip(*figures))
                print(f"| {name} | {seen:.0f} | {read:.0f} | {loaded:.0f} | {size / 1000:.1f} | {count:.0f} |")


main()
