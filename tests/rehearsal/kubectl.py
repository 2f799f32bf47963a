"""`kubectl` for the little cluster: implements the commands of docs/operations.md, with kubectl's output.

The exit status is 2 for a command or option that it does not implement, and 1 for what the cluster refuses; both with
a message.
"""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from tests.kustomize.cluster import ROOT, Object
from tests.rehearsal.kubectl_arguments import UNKNOWN, Done, Parser, Unknown, jsonpath, kind_of, merge, until
from tests.rehearsal.little_cluster import LittleCluster, Refused
from tests.rehearsal.little_pod import LittlePod
from tests.rehearsal.pods import Job


class Kubectl:
    """Runs one command, with paths relative to the caller's folder."""

    def __init__(self, cluster: LittleCluster) -> None:
        self.cluster = cluster

    def run(self, words: list[str], folder: Path, typed: str = "") -> Done:
        self.folder, self.typed = folder, typed
        words = [word for word in words if word not in ("-n", "cloud-cafe")]
        known: dict[str, Callable[[list[str]], str]] = {
            "apply": self.apply,
            "create": self.create,
            "delete": self.delete,
            "exec": self.exec,
            "get": self.get,
            "logs": self.logs,
            "patch": self.patch,
            "rollout": self.rollout,
            "scale": self.scale,
            "set": self.set,
            "wait": self.wait,
        }
        try:
            if not words or words[0] not in known:
                raise Unknown(f"the command {' '.join(words[:1])}")
            return Done(0, known[words[0]](words[1:]))
        except Unknown as error:
            return Done(UNKNOWN, "", f"The rehearsal has no cluster for that: {error}\n")
        except (Refused, subprocess.CalledProcessError) as error:
            said = error.stderr if isinstance(error, subprocess.CalledProcessError) else f"{error}\n"
            return Done(1, "", said)

    # Objects

    def apply(self, words: list[str]) -> str:
        parser = Parser()
        parser.add_argument("-k")
        parser.add_argument("-f")
        said = parser.parse_args(words)
        return "".join(f"{line}\n" for line in self.cluster.apply(self._read(said.k, said.f)))

    def create(self, words: list[str]) -> str:
        parser = Parser()
        parser.add_argument("kind")
        parser.add_argument("name")
        parser.add_argument("--from", dest="of", required=True)
        parser.add_argument("--dry-run")
        parser.add_argument("-o")
        said = parser.parse_args(words)
        job = self.cluster.create_job(said.name, said.of.partition("/")[2])
        if said.dry_run:
            return yaml.safe_dump(job)
        if ("Job", said.name) in self.cluster.objects:
            raise Refused(f'error: failed to create job: jobs.batch "{said.name}" already exists')
        self.cluster.apply([job])
        return f"job.batch/{said.name} created\n"

    def delete(self, words: list[str]) -> str:
        parser = Parser()
        parser.add_argument("kind")
        parser.add_argument("names", nargs="*")
        parser.add_argument("-l")
        parser.add_argument("--wait")
        parser.add_argument("--ignore-not-found", action="store_true")
        said = parser.parse_args(words)
        kind = kind_of(said.kind)
        names = said.names or self._labelled(kind, said.l)
        ending = [pod for pod in self.cluster.all_pods() if kind == "Pod" and pod.name in names]
        for name in names:
            self.cluster.delete(kind, name)
        if said.wait != "false" and kind == "Pod":  # mysql-0 returns under the same name
            until(lambda: not any(pod.thread.is_alive() for pod in ending), 120, f"the end of {names}")
        elif said.wait != "false":
            until(lambda: not {*names} & {*self._names(kind)}, 120, f"{kind} {names}")
        return "".join(f'{kind.lower()} "{name}" deleted\n' for name in names)

    def get(self, words: list[str]) -> str:
        parser = Parser()
        parser.add_argument("kinds")
        parser.add_argument("name", nargs="?")
        parser.add_argument("-o", default="")
        parser.add_argument("-l")
        said = parser.parse_args(words)
        kinds = [kind_of(word) for word in said.kinds.split(",")]
        if said.name and said.o.startswith("jsonpath="):
            return jsonpath(self.cluster.get(kinds[0], said.name), said.o.removeprefix("jsonpath="))
        if said.name and said.o == "yaml":
            return yaml.safe_dump(self.cluster.get(kinds[0], said.name))
        return "".join(f"{line}\n" for kind in kinds for line in self._table(kind, said.name, said.l))

    def patch(self, words: list[str]) -> str:
        parser = Parser()
        parser.add_argument("kind")
        parser.add_argument("name")
        parser.add_argument("-p", required=True)
        said = parser.parse_args(words)
        merge(self.cluster.get(kind_of(said.kind), said.name), yaml.safe_load(said.p))
        return f"{said.kind}/{said.name} patched\n"

    def set(self, words: list[str]) -> str:
        parser = Parser()
        parser.add_argument("what", choices=["env"])
        parser.add_argument("--local", action="store_true", required=True)
        parser.add_argument("-f", choices=["-"], required=True)
        parser.add_argument("-c", required=True)
        parser.add_argument("-o", choices=["yaml"], required=True)
        parser.add_argument("values", nargs="+")
        said = parser.parse_args(words)
        thing = yaml.safe_load(self.typed)
        spec = thing["spec"]["template"]["spec"]
        [container] = [c for c in [*spec.get("initContainers", []), *spec["containers"]] if c["name"] == said.c]
        for name, _, value in (pair.partition("=") for pair in said.values):
            merge(next(each for each in container["env"] if each["name"] == name), {"value": value})
        return yaml.safe_dump(thing)

    # Workloads

    def scale(self, words: list[str]) -> str:
        parser = Parser()
        parser.add_argument("what")
        parser.add_argument("--replicas", type=int, required=True)
        said = parser.parse_args(words)
        self.cluster.scale(said.what.partition("/")[2], said.replicas)
        return f"{said.what} scaled\n"

    def rollout(self, words: list[str]) -> str:
        parser = Parser()
        parser.add_argument("verb", choices=["status", "restart"])
        parser.add_argument("what")
        said = parser.parse_args(words)
        kind, name = self._named(said.what)
        if said.verb == "restart":
            self.cluster.restart(kind, name)
            return f"{said.what} restarted\n"
        until(lambda: self.cluster.is_rolled_out(kind, name), 300, f"the rollout of {name}")
        return f'deployment "{name}" successfully rolled out\n'

    def wait(self, words: list[str]) -> str:
        parser = Parser()
        parser.add_argument("what", nargs="+")
        parser.add_argument("-l")
        parser.add_argument("--for", dest="what_for", required=True)
        parser.add_argument("--timeout", default="30s")
        said = parser.parse_args(words)
        if said.what_for == "condition=complete":
            job = self._job(said.what[0].partition("/")[2])
            until(lambda: job.phase != "Running", 300, f"the job {job.pod.name}")
            if job.phase == "Failed":  # kubectl would wait until its timeout
                raise Refused("error: timed out waiting for the condition")
            return f"{said.what[0]} condition met\n"
        if said.what_for == "delete":
            wanted = [(kind_of(word), name) for word, _, name in (each.partition("/") for each in said.what)]
            until(lambda: not any(name in self._names(kind) for kind, name in wanted), 120, f"the end of {said.what}")
            return ""
        raise Unknown(f"to wait for {said.what_for}")

    def exec(self, words: list[str]) -> str:
        parser = Parser()
        parser.add_argument("-i", action="store_true")
        parser.add_argument("-t", action="store_true")
        parser.add_argument("what")
        at = words.index("--") if "--" in words else len(words)
        options = [letter for word in words[:at] for letter in (("-i", "-t") if word == "-it" else (word,))]
        said = parser.parse_args(options)
        pod = self._pod(said.what)
        done = pod.container.run(*words[at + 1 :], typed=self.typed if said.i else "")
        if done.returncode:
            raise Refused(f"{done.stdout}{done.stderr}command terminated with exit code {done.returncode}")
        return done.stdout + done.stderr

    def logs(self, words: list[str]) -> str:
        parser = Parser()
        parser.add_argument("what")
        parser.add_argument("-c")
        parser.add_argument("-f", action="store_true")
        parser.add_argument("--all-containers", action="store_true")
        said = parser.parse_args(words)
        kind, name = self._named(said.what)
        if kind != "Job":
            return self._pod(said.what).log(said.c)
        job = self._job(name)
        wanted = said.c or job.pod.spec["containers"][0]["name"]
        if said.all_containers:
            return "".join(job.said.values())
        if wanted not in job.said:
            raise Refused(f'container "{wanted}" in pod "{name}" is waiting to start: PodInitializing')
        return job.said[wanted]

    # Shared by the commands

    def _read(self, folder: str | None, file: str | None) -> list[Object]:
        if folder:
            build = [ROOT / "bin/kustomize", "build", self.folder / folder]
            text = subprocess.run(build, capture_output=True, text=True, check=True).stdout
        else:
            text = self.typed if file == "-" else (self.folder / str(file)).read_text()
        return list(yaml.safe_load_all(text))

    def _named(self, what: str) -> tuple[str, str]:
        word, _, name = what.partition("/")
        kind = kind_of(word) if name else "Pod"
        name = name or word
        if kind != "Pod":
            self.cluster.get(kind, name)
        return kind, name

    def _pod(self, what: str) -> LittlePod:
        kind, name = self._named(what)
        pods = [pod for pod in self.cluster.all_pods() if pod.name == name] or self.cluster.pods_of(kind, name)
        if not pods:
            raise Refused(f"error: timed out waiting for the condition: no pod of {what}")
        return pods[0]

    def _job(self, name: str) -> Job:
        self.cluster.get("Job", name)
        return self.cluster.jobs[name]

    def _names(self, kind: str) -> list[str]:
        return [pod.name for pod in self.cluster.all_pods()] if kind == "Pod" else self.cluster.names(kind)

    def _labelled(self, kind: str, selector: str) -> list[str]:
        """Return the names of the objects with this label: `app=x` or `app in (x,y)`."""
        found = re.fullmatch(r"app(?:=| in \()([\w,-]+)\)?", selector or "")
        if not found:
            raise Unknown(f"the selector {selector}")
        values = found[1].split(",")
        if kind == "Pod":
            return [pod.name for pod in self.cluster.all_pods() if pod.labels["app"] in values]
        labels = {name: self.cluster.get(kind, name)["metadata"].get("labels", {}) for name in self._names(kind)}
        return [name for name, each in labels.items() if each.get("app") in values]

    def _table(self, kind: str, name: str | None, selector: str | None) -> Iterator[str]:
        names = [name] if name else self._labelled(kind, selector) if selector else self._names(kind)
        if not names:
            yield "No resources found in cloud-cafe namespace."
        for each in names:
            yield f"{each:44} {self._state(kind, each)}".rstrip()

    def _state(self, kind: str, name: str) -> str:
        if kind == "Pod":
            pod = next(pod for pod in self.cluster.all_pods() if pod.name == name)
            return f"{'1/1' if pod.is_ready else '0/1'}   {pod.phase}"
        spec = self.cluster.get(kind, name).get("spec", {})
        if kind == "Job":
            return self._job(name).phase
        if kind == "HorizontalPodAutoscaler":
            return f"<unknown>   {spec['minReplicas']}   {spec['maxReplicas']}"
        if kind == "Ingress":
            return f"http://127.0.0.1:{self.cluster.edge_port}"
        return ""
