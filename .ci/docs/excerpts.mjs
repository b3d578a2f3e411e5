// What a result of the search says, so that site.js can show the words around a match: text by address, in a script that is loaded when somebody searches.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Comment, RendererEvent } from 'typedoc';

/** Markdown as it is read: words without marks, one space between them. A diagram says the same as the list below it. */
const asRead = (text) => text
    .replaceAll(/^```mermaid\n[\s\S]*?^```$/gm, '')
    .replaceAll(/<!--[\s\S]*?-->|^`{3,}.*$|^\|[-|: ]+\|$|<\/?(?:a|b|br|details|div|img|kbd|p|summary)\b[^>]*>/gm, ' ')
    .replaceAll(/^#{1,6} |^ *(?:[-*]|\d+\.) |^> ?|^\| *| *\|$/gm, '')
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/\*\*|`/g, '')
    .replaceAll(/(?: +\|)+ /g, ' · ')
    .replaceAll('\\|', '|')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** What is said of a class, a function or a type; what a function does is said of its signature. */
const commentOn = ({ comment, signatures, getSignature }) => comment ?? signatures?.[0]?.comment ?? getSignature?.comment;

/** Collects what results say. */
export const collectExcerpts = (app) => {

    const texts = new Map();
    app.renderer.on(RendererEvent.END, ({ outputDirectory }) => {

        writeFileSync(join(outputDirectory, 'assets', 'excerpts.js'), `window.searchExcerpts = ${JSON.stringify(Object.fromEntries(texts))};\n`);
    });
    return {
        ofText: (url, text) => texts.set(url, asRead(text)),
        ofReflection: (url, reflection) => {

            const text = asRead(Comment.combineDisplayParts(commentOn(reflection)?.summary ?? []));
            if (text !== '') {
                texts.set(url, text);
            }
        }
    };
};
