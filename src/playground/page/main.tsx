/** The playground: puts the page together. */
import '#pages/theme.css';
import { render } from 'preact';

const page = document.getElementById('page');
if (page !== null) render(<h1>Statecraft playground</h1>, page);
