import type { JsonObject } from "../../engine/json/mod.ts";
import type { NewRepository, TemplateContent } from "../../engine/repositories/mod.ts";

/** A repository as it is shown. */
export interface ShownRepository {
  readonly name: string;
  readonly url: string;
  readonly workflow: string | null;
  readonly branch: string;
  readonly isVerified: boolean;
  readonly commit: string | null;
  readonly problem: { readonly at: number; readonly message: string } | null;
  readonly attachments: readonly {
    readonly template: string;
    readonly track: "latest" | number;
    readonly inputs: JsonObject;
  }[];
}

/** A template as it is shown. */
export interface ShownTemplate {
  readonly name: string;
  readonly version: number | null;
  readonly repositories: readonly string[];
}

/** Where repositories are kept: a storage, or a server. */
export interface Desk extends AsyncDisposable {
  list(): Promise<readonly ShownRepository[]>;
  show(name: string): Promise<ShownRepository>;
  /** In the place of one of its name, when it `replaces` it. */
  add(repository: NewRepository, replaces: boolean): Promise<void>;
  /** False when there is none. */
  remove(name: string): Promise<boolean>;
  templates(): Promise<readonly ShownTemplate[]>;
  addTemplate(name: string, content: TemplateContent): Promise<{ readonly version: number }>;
  attach(attachment: {
    readonly repository: string;
    readonly template: string;
    readonly version: number | undefined;
    readonly inputs: JsonObject;
  }): Promise<void>;
  /** False when it is not attached. */
  detach(repository: string, template: string): Promise<boolean>;
}

/** Where it is: flags that every command over repositories takes. */
export interface DeskFlags {
  readonly data: string;
  readonly storage?: string | undefined;
  readonly server?: string | undefined;
  readonly token?: string | undefined;
}
