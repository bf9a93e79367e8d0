/** What the build makes up: style sheets, and the laid-out charts. */
declare module '*.css';

declare module 'virtual:charts' {
  type LaidOutChart = import('../diagram/laid-out.ts').LaidOutChart;
  const charts: Readonly<Record<'server' | 'replication' | 'request', LaidOutChart>>;
  export default charts;
}

/** Absent in browsers; declared for code that tests whether it is there. */
declare function setImmediate(callback: () => void): unknown;
