/** What the Hacker News API answers for `/v0/item/<id>.json`; jobs and polls have no `url` or `descendants`. */
export interface Item {
  id: number;
  type: "story" | "job" | "poll" | "comment" | "pollopt";
  by: string;
  /** Seconds since 1970. */
  time: number;
  title: string;
  score: number;
  url?: string;
  /** Number of comments. */
  descendants?: number;
  dead?: boolean;
}

/** What travels from node to node. */
export interface Stories {
  topic: string;
  stories: Item[];
}
