/** Where text goes: stdout or stderr. A reader that went away is no error; what follows is dropped. */
export interface Sink {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** The terminal's size as of now; `undefined` off a terminal, or when it has no columns. */
  size(): { readonly columns: number; readonly rows: number } | undefined;
}

/** Standard input. */
export interface Source {
  readonly isTerminal: boolean;
  /** All of it, as UTF-8 text. */
  text(): Promise<string>;
}

/** The process as commands see it. Tests hand in their own. */
export interface Io {
  readonly stdin: Source;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Absolute. */
  readonly cwd: string;
  env(name: string): string | undefined;
  /**
   * Takes over Ctrl-C, and SIGTERM: the first aborts the signal, a second Ctrl-C ends the process at
   * once with 130. Without a call of this, Ctrl-C ends the process at once.
   */
  interrupt(): AbortSignal;
  /** Calls back for each such signal in place of what the system does; the returned function ends it. */
  listen(signal: "SIGINT" | "SIGTERM" | "SIGUSR1", callback: () => void): () => void;
}
