/** What a check found. */
export interface Finding {
  readonly status: "ok" | "warn" | "fail";
  /** One line: the version, the path, or what is wrong. */
  readonly detail: string;
  /** Something to paste, unless all is well. */
  readonly fix?: string;
}

/** What a check may look at. */
export interface CheckEnv {
  env(name: string): string | undefined;
  /** Runs a program and collects its output; `undefined` when it is missing or takes too long. */
  run(
    program: string,
    args: readonly string[],
  ): Promise<{ readonly code: number; readonly stdout: string } | undefined>;
}

/** One thing that pd needs, or can use. */
export interface Check {
  readonly name: string;
  /** What it is for. */
  readonly why: string;
  check(host: CheckEnv): Promise<Finding>;
}
