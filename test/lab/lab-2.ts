/** Lab 2 of the course (MIT 6.824, 2023): all 28 tests, by the course's names. */
import type { CourseTest } from './course-test.ts';
import { lab2A } from './lab-2a.ts';
import { lab2B } from './lab-2b.ts';
import { lab2BEconomy } from './lab-2b-economy.ts';
import { lab2C } from './lab-2c.ts';
import { lab2CChurn } from './lab-2c-churn.ts';
import { lab2CFigure8 } from './lab-2c-figure-8.ts';
import { lab2D } from './lab-2d.ts';

export const lab2: readonly CourseTest[] = [
  ...lab2A,
  ...lab2B,
  ...lab2BEconomy,
  ...lab2C,
  ...lab2CFigure8,
  ...lab2CChurn,
  ...lab2D,
];
