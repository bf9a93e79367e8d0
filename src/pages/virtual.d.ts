/** What the build makes up: style sheets, and the laid-out charts. */
declare module '*.css';
