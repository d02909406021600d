import { join } from "node:path";
import { exists } from "../../base/exists.ts";
import { processes, signal, until } from "./processes.ts";

/** What a cluster is made of, as Debian's slurm-wlm and munge install it. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  munged: ["/usr/sbin/munged", "/usr/local/sbin/munged"],
  slurmctld: ["/usr/sbin/slurmctld", "/usr/local/sbin/slurmctld"],
  slurmd: ["/usr/sbin/slurmd", "/usr/local/sbin/slurmd"],
};
const found = Object.fromEntries(
  Object.entries(PROGRAMS).map(([name, paths]) => [name, paths.find(exists)]),
);
const MISSING = Deno.build.os !== "linux"
  ? "only Linux has Slurm"
  : Object.keys(found).filter((name) => found[name] === undefined)
    .map((name) => `there is no ${name}`)[0];

export interface ClusterOptions {
  /** Lines of slurm.conf: they stand after the usual ones and before nodes and partitions. */
  readonly lines?: readonly string[];
  /** Lines for partitions, in place of one of all nodes. */
  readonly partitions?: readonly string[];
  /** Names of nodes; n1 and n2 by default. */
  readonly nodes?: readonly string[];
  readonly cpus?: number;
}

/** A test with a Slurm of its own; where there is none its name says so, and it is left out. */
export function withSlurm(
  name: string,
  test: (cluster: SlurmCluster) => Promise<void>,
  options: ClusterOptions & { long?: boolean } = {},
): void {
  const why = MISSING ??
    (options.long && Deno.env.get("VITRINE_LONG_TESTS") !== "1" ? "it takes long" : undefined);
  Deno.test({
    name: why === undefined ? name : `${name} (left out: ${why})`,
    ignore: why !== undefined,
    async fn() {
      await using cluster = await SlurmCluster.start(options);
      for (const [key, value] of Object.entries(cluster.environment)) Deno.env.set(key, value);
      try {
        await test(cluster);
      } catch (error) {
        console.error(cluster.story());
        throw error;
      } finally {
        for (const key of Object.keys(cluster.environment)) Deno.env.delete(key);
      }
    },
  });
}

/**
 * A Slurm that is there for one test: a controller and nodes under names of their own, all of them
 * processes of this machine on loopback, with what they keep in one folder. No accounting.
 */
export class SlurmCluster implements AsyncDisposable {
  readonly #daemons = new Map<string, Deno.ChildProcess>();

  private constructor(
    /** Folder of everything that it keeps. */
    readonly path: string,
    readonly nodes: readonly string[],
  ) {}

  static async start(options: ClusterOptions): Promise<SlurmCluster> {
    const nodes = options.nodes ?? ["n1", "n2"];
    const cluster = new SlurmCluster(await Deno.makeTempDir({ prefix: "vitrine-slurm-" }), nodes);
    try {
      await cluster.#configure(options);
      await cluster.#startMunge();
      cluster.startController();
      for (const node of nodes) cluster.startNode(node);
      await until(
        "all nodes are idle",
        async () => (await cluster.nodeStates()).every((state) => state === "idle"),
        () => cluster.story(),
      );
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  async #configure(options: ClusterOptions): Promise<void> {
    const { path, nodes } = this;
    const ports = freePorts(nodes.length + 2);
    const user = new TextDecoder().decode(
      new Deno.Command("id", { args: ["-un"] }).outputSync().stdout,
    ).trim();
    for (const folder of ["state", "log", ...nodes]) Deno.mkdirSync(join(path, folder));
    const cpus = options.cpus ?? 1;
    const lines = [
      "ClusterName=vitrine",
      `SlurmctldHost=localhost(127.0.0.1)`,
      `SlurmctldPort=${ports[0]}`,
      `SlurmdPort=${ports[1]}`,
      `SlurmUser=${user}`,
      `SlurmdUser=${user}`,
      "AuthType=auth/munge",
      // What is requeued waits until its credential has run out: two minutes by default.
      `AuthInfo=socket=${path}/munge.sock,cred_expire=5`,
      "CommunicationParameters=NoCtldInAddrAny,NoInAddrAny",
      `StateSaveLocation=${path}/state`,
      `SlurmdSpoolDir=${path}/%n`,
      `SlurmctldPidFile=${path}/slurmctld.pid`,
      `SlurmdPidFile=${path}/%n.pid`,
      `SlurmctldLogFile=${path}/log/slurmctld.log`,
      `SlurmdLogFile=${path}/log/%n.log`,
      "ProctrackType=proctrack/linuxproc",
      "TaskPlugin=task/none",
      "MpiDefault=none",
      "SwitchType=switch/none",
      "SelectType=select/cons_tres",
      "SelectTypeParameters=CR_Core",
      "SchedulerParameters=sched_interval=1,batch_sched_delay=0,bf_interval=1",
      "SlurmdParameters=config_overrides", // CPUs as they are told, not as they are
      "SlurmctldTimeout=10",
      "SlurmdTimeout=6",
      "KillWait=5",
      "ReturnToService=2",
      "MailProg=/bin/true",
      "AccountingStorageType=accounting_storage/none",
      "JobAcctGatherType=jobacct_gather/none",
      "PropagateResourceLimits=NONE",
      ...options.lines ?? [],
      ...nodes.map((node, i) =>
        `NodeName=${node} NodeHostname=${node} NodeAddr=127.0.0.1 Port=${
          ports[i + 2]
        } CPUs=${cpus} RealMemory=1000`
      ),
      ...options.partitions ?? ["PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE"],
    ];
    await Deno.writeTextFile(join(path, "slurm.conf"), `${lines.join("\n")}\n`);
  }

  async #startMunge(): Promise<void> {
    const { path } = this;
    const key = crypto.getRandomValues(new Uint8Array(1024));
    await Deno.writeFile(join(path, "munge.key"), key, { mode: 0o400 });
    this.#spawn("munged", found.munged!, [
      "--foreground",
      "--force", // it does not like folders of others above its own
      ...["key", "sock", "pid", "log", "seed"].map((name) =>
        `--${name === "sock" ? "socket" : `${name}-file`}=${path}/munge.${name}`
      ),
    ]);
    await until("munge listens", () => exists(join(path, "munge.sock")), () => this.story());
  }

  #spawn(name: string, program: string, args: string[]): void {
    const child = new Deno.Command(program, {
      args,
      cwd: this.path,
      env: this.environment,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.#daemons.set(name, child);
  }

  /** What a command needs to find this Slurm and no other. */
  get environment(): Record<string, string> {
    return { SLURM_CONF: join(this.path, "slurm.conf") };
  }

  startController(): void {
    this.#spawn("slurmctld", found.slurmctld!, ["-D"]);
  }

  startNode(node: string): void {
    this.#spawn(node, found.slurmd!, ["-D", "-N", node]);
  }

  /** Waits until the controller has saved how jobs stand now, which it does seconds after a change. */
  async untilSaved(job: string): Promise<void> {
    const now = Date.now();
    await this.command("scontrol", "update", `job=${job}`, "comment=saved");
    const saved = () => Deno.statSync(join(this.path, "state/job_state")).mtime!.getTime();
    await until(
      "the controller's state is saved",
      () => exists(join(this.path, "state/job_state")) && saved() > now,
      () => this.story(),
    );
  }

  /** Stops or wakes the controller: it hangs, but its port is open. */
  signalController(name: "SIGSTOP" | "SIGCONT"): void {
    this.#daemons.get("slurmctld")!.kill(name);
  }

  async killController(): Promise<void> {
    await this.#kill("slurmctld");
  }

  async #kill(name: string): Promise<void> {
    const child = this.#daemons.get(name);
    if (child === undefined) return;
    this.#daemons.delete(name);
    child.kill("SIGCONT");
    child.kill("SIGKILL");
    await child.status;
  }

  /** Kills a node as a power cut does: slurmd, and whatever it had started. */
  async killNode(node: string): Promise<void> {
    await this.#kill(node);
    this.#killWorkOf(node);
  }

  /** Kills the work of a node (or of all), and the guardians of its jobs, but not slurmd. */
  #killWorkOf(node?: string): void {
    const all = processes();
    const work = this.workOf(node);
    const guardians = work.map(({ parent }) => all.find(({ pid }) => pid === parent))
      .filter((process) => process?.name.startsWith("slurmstepd"));
    for (const process of [...guardians, ...work]) signal(process!.pid, "SIGKILL");
  }

  /** Processes of jobs, of one node or of all. */
  workOf(node?: string) {
    return processes().filter(({ environment, state }) =>
      environment.includes(`\0SLURM_CONF=${this.path}/slurm.conf\0`) && state !== "Z" &&
      (node === undefined ? /\0SLURMD_NODENAME=/ : new RegExp(`\0SLURMD_NODENAME=${node}\0`))
        .test(environment)
    );
  }

  /** Runs a command of Slurm's. @returns what it prints. @throws if it fails. */
  async command(name: string, ...args: string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command(name, {
      args,
      env: this.environment,
      cwd: this.path,
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    if (!success) throw new Error(`${name} ${args.join(" ")}: ${text(stderr)}`);
    return text(stdout).trim();
  }

  /** `idle`, `mixed`, `down*`, …, in the order of the nodes. Empty while the controller is away. */
  async nodeStates(): Promise<string[]> {
    try {
      const text = await this.command("sinfo", "-h", "-N", "-a", "-o", "%N %T");
      const states = new Map(text.split("\n").map((line) => line.split(" ") as [string, string]));
      return this.nodes.map((node) => states.get(node) ?? "");
    } catch {
      return [""];
    }
  }

  /** The end of every log: for a test that failed. */
  story(): string {
    const folder = join(this.path, "log");
    return [...Deno.readDirSync(folder)].map(({ name }) => {
      const lines = Deno.readTextFileSync(join(folder, name)).trimEnd().split("\n");
      return [`== ${name}`, ...lines.slice(-25)].join("\n");
    }).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of ["slurmctld", ...this.nodes]) await this.#kill(name);
    this.#killWorkOf();
    await this.#kill("munged");
    await until("its work has ended", () => this.workOf().length === 0);
    await Deno.remove(this.path, { recursive: true });
  }
}

function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  return listeners.map((listener) => {
    const { port } = listener.addr as Deno.NetAddr;
    listener.close();
    return port;
  });
}
