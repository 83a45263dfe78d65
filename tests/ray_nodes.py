"""A Ray cluster of this machine, as a script: a head without cores and nodes of one core each.

Told how many nodes and the port of Ray's client, it prints the cluster's address; then it reads words on stdin: kill a
node as if its plug were pulled, add one, head (kill the head node), end. Each is answered when it is done.
"""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from timetravel.engine.executor import Answer, make_runs


def logging_runs(log: str, *given: Any) -> Answer:
    """Make the runs of a chunk and, before they are sent back, write their seeds down with the time."""
    answer = make_runs(*given)
    if isinstance(answer, list):
        with Path(log).open("a") as file:
            file.writelines(f"{run.seed} {time.time()}\n" for run in answer)
    return answer


def children(parent: int) -> list[int]:
    """Return the numbers of the processes that a process has started."""
    told = [path.read_text().rpartition(")") for path in Path("/proc").glob("[0-9]*/stat")]
    return [int(first.split()[0]) for first, _, rest in told if int(rest.split()[1]) == parent]


def main(nodes: int, port: int) -> None:
    """Start the cluster and do as told."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    noticed = {
        "health_check_initial_delay_ms": 1000,
        "health_check_period_ms": 500,
        "health_check_failure_threshold": 3,
    }
    head = {"num_cpus": 0, "include_dashboard": False, "ray_client_server_port": port, "_system_config": noticed}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    running = [cluster.add_node(num_cpus=1) for _ in range(nodes)]
    cluster.wait_for_nodes()
    print(cluster.address, flush=True)
    for word in map(str.strip, sys.stdin):
        if word == "kill":
            node = running.pop(0)
            (raylet,) = node.all_processes["raylet"]
            for worker in children(raylet.process.pid):  # at once: they would outlive it by a while
                os.kill(worker, signal.SIGKILL)
            cluster.remove_node(node, allow_graceful=False)
        elif word == "add":
            running.append(cluster.add_node(num_cpus=1))
        elif word == "head":
            cluster.remove_node(cluster.head_node, allow_graceful=False)
        else:
            break
        print(word, flush=True)
    cluster.shutdown()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
