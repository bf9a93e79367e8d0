/** The Prometheus client, for `/metrics` alone: it comes bundled, and no user installs it. */
export { Counter, Gauge, Histogram, Registry } from 'prom-client';
