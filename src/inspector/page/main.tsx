/** The inspector: puts the page together. */
import '#pages/theme.css';
import { render } from 'preact';

const page = document.getElementById('page');
if (page !== null) render(<h1>Statecraft inspector</h1>, page);
