import { fill, html, type Html } from './html';
import type { PageTexts } from './texts/languages';

/** What a person gives to whoever helps, so that the event is found: the number of a page that ended a visit. */
export const referenceNote = (reference: string, texts: PageTexts): Html => fill(texts.errorReference, { reference: html`<strong><code>${reference}</code></strong>` });
