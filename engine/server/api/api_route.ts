import type { z } from "zod";
import type { Principal, Scope } from "../../auth/mod.ts";

/** One kind of answer of a route. */
export interface ApiAnswerSpec {
  readonly description: string;
  /** Of the JSON; no body, or one of another type, without it. */
  readonly schema?: z.ZodType;
  /** Types of further bodies, `text/event-stream` among them, and what is in them. */
  readonly others?: { readonly [type: string]: string };
  /** Headers that come with it. */
  readonly headers?: { readonly [name: string]: string };
}

/** Answers by status. */
export type ApiAnswerSpecs = { readonly [status: number]: ApiAnswerSpec };

/** What a schema describes, as it is written: nobody changes it. */
export type Shown<Schema extends z.ZodType> = Frozen<z.input<Schema>>;

type Frozen<T> = T extends object ? { readonly [Key in keyof T]: Frozen<T[Key]> } : T;

/** Parts of a request as they were checked, and how it is answered. */
export interface ApiCall<
  Params = unknown,
  Query = unknown,
  Body = unknown,
  Answers extends ApiAnswerSpecs = ApiAnswerSpecs,
> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly principal: Principal;
  readonly request: Request;
  /** Makes one of the answers of the operation. */
  answer<Status extends keyof Answers & number>(
    status: Status,
    ...content: AnswerContent<Answers[Status]>
  ): Response;
}

type AnswerContent<Spec extends ApiAnswerSpec> = Spec extends
  { readonly schema: infer Schema extends z.ZodType }
  ? [body: Shown<Schema>, headers?: { readonly [name: string]: string }]
  : [];

/** One operation of `/api/v1`: what checks it, describes it, and does it. */
export interface ApiRoute<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
  Answers extends ApiAnswerSpecs = ApiAnswerSpecs,
> {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below `/api/v1`, its parts in braces: `/runs/{run}`. */
  readonly path: string;
  /** Names the operation in the document, in camelCase. */
  readonly id: string;
  /** Chapter of the document. */
  readonly tag: string;
  readonly scope: Scope | "public";
  readonly summary: string;
  readonly description?: string;
  readonly params: Params;
  readonly query: Query;
  /** Headers that count, and what they say. */
  readonly headers?: { readonly [name: string]: string };
  /** None is taken without it. */
  readonly body: Body | undefined;
  /** When it goes well; errors are the same everywhere. */
  readonly answers: Answers;
  handle(
    call: ApiCall<z.output<Params>, z.output<Query>, z.output<Body>, Answers>,
  ): Response | Promise<Response>;
}

/** Any operation: what a table of them holds. */
// deno-lint-ignore no-explicit-any
export type AnyApiRoute = ApiRoute<any, any, any, any>;
