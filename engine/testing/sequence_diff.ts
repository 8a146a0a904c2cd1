/** One step of the way from one sequence to another; positions count from 0 in their own sequence. */
export type SequenceEdit =
  | { readonly kind: "same"; readonly expected: number; readonly actual: number }
  | { readonly kind: "missing"; readonly expected: number }
  | { readonly kind: "extra"; readonly actual: number };

/** Above this many cells the middle is not aligned: all of it is missing, then all of it extra. */
const MAX_CELLS = 1_000_000;

/** The shortest way from `expected` to `actual`, by longest common subsequence. Bounded in time and memory. */
export function diffSequences<T>(
  expected: readonly T[],
  actual: readonly T[],
  isSame: (expected: T, actual: T) => boolean,
): SequenceEdit[] {
  const same = (e: number, a: number): boolean => isSame(expected[e] as T, actual[a] as T);
  const shorter = Math.min(expected.length, actual.length);
  let head = 0;
  while (head < shorter && same(head, head)) head++;
  let tail = 0;
  while (
    tail < shorter - head && same(expected.length - 1 - tail, actual.length - 1 - tail)
  ) tail++;

  const edits: SequenceEdit[] = [];
  for (let i = 0; i < head; i++) edits.push({ kind: "same", expected: i, actual: i });
  edits.push(...diffMiddle(head, expected.length - tail, actual.length - tail, same));
  for (let i = tail; i > 0; i--) {
    edits.push({ kind: "same", expected: expected.length - i, actual: actual.length - i });
  }
  return edits;
}

function diffMiddle(
  start: number,
  expectedEnd: number,
  actualEnd: number,
  same: (expected: number, actual: number) => boolean,
): SequenceEdit[] {
  const rows = expectedEnd - start;
  const columns = actualEnd - start;
  const width = columns + 1;
  const isAligned = rows * columns <= MAX_CELLS;
  // common[r * width + c]: length of the longest common subsequence from row r and column c on
  const common = new Uint32Array(isAligned ? (rows + 1) * width : 0);
  const lengthAt = (row: number, column: number): number => common[row * width + column] ?? 0;
  for (let row = rows - 1; isAligned && row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--) {
      common[row * width + column] = same(start + row, start + column)
        ? lengthAt(row + 1, column + 1) + 1
        : Math.max(lengthAt(row + 1, column), lengthAt(row, column + 1));
    }
  }

  const edits: SequenceEdit[] = [];
  let row = 0;
  let column = 0;
  while (row < rows || column < columns) {
    if (isAligned && row < rows && column < columns && same(start + row, start + column)) {
      edits.push({ kind: "same", expected: start + row++, actual: start + column++ });
    } else if (
      row < rows && (column >= columns || lengthAt(row + 1, column) >= lengthAt(row, column + 1))
    ) {
      edits.push({ kind: "missing", expected: start + row++ });
    } else {
      edits.push({ kind: "extra", actual: start + column++ });
    }
  }
  return edits;
}
