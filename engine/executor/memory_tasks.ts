import type { NodeTasks, TaskRecord } from "./task_record.ts";

/** The tasks of a node that runs alone, without a run whose events would keep them. */
export function memoryTasks(): NodeTasks {
  const tasks = new Map<string, TaskRecord>();
  return {
    get: (task) => tasks.get(task),
    add(record) {
      tasks.set(record.task, record);
      return Promise.resolve();
    },
  };
}
