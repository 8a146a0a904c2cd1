import { useEffect, useState } from "preact/hooks";

/** A value that parts of the page follow. */
export interface Store<T> {
  get(): T;
  set(value: T): void;
  subscribe(listener: () => void): () => void;
}

/** Makes a store. */
export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** The value of a store; the component is drawn anew when it changes. */
export function useStore<T>(store: Store<T>): T {
  const [, setTick] = useState(0);
  useEffect(() => {
    let seen = store.get();
    const look = () => {
      if (Object.is(seen, store.get())) return;
      seen = store.get();
      setTick((tick) => tick + 1);
    };
    return store.subscribe(look);
  }, [store]);
  return store.get();
}
