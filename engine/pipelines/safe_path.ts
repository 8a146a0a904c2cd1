/** Whether a path leads to a place below its folder: relative, of plain parts, without `.` and `..`. */
export function isSafePath(path: string): boolean {
  return !/[\0\\]/.test(path) &&
    path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
