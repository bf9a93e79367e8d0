/** Each client's appends stand in a value once and in their order (MIT 6.824, lab 3). */
import { claim } from './course-test.ts';

/** Says which append is wrong, and how. */
export function assertAppends(value: string, client: number, count: number): void {
  let before = -1;
  for (let append = 0; append < count; append += 1) {
    const wanted = `x ${client} ${append} y`;
    const place = value.indexOf(wanted);
    claim(place !== -1, `the append '${wanted}' is lost`);
    const isOnce = value.lastIndexOf(wanted) === place;
    claim(isOnce, `the append '${wanted}' stands there twice`);
    claim(place > before, `the append '${wanted}' stands before an earlier one`);
    before = place;
  }
}
