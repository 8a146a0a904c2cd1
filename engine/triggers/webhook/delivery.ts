/** One call of a webhook, as it came. */
export interface Delivery {
  readonly headers: Headers;
  /** What was signed: the bytes before anybody read them. */
  readonly body: Uint8Array;
}
