/** What the build makes up: style sheets, and the laid-out charts. */
declare module '*.css';

declare module 'virtual:charts' {
  type LaidOutChart = import('../diagram/laid-out.ts').LaidOutChart;
  const charts: Readonly<Record<'server' | 'replication' | 'request', LaidOutChart>>;
  export default charts;
}

/** Not there in a browser; who asks whether it is must be able to name it. */
declare function setImmediate(callback: () => void): unknown;
