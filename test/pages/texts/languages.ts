import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { languagesOf, type OwnTexts } from '../../../lib/pages/texts/languages';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

const refused = (locale: string, texts: unknown) => {

    try {
        languagesOf({ [locale]: texts as OwnTexts });
    }
    catch (err) {
        return err instanceof Error ? err.message : '';
    }

    return 'nothing was refused';
};

describe('The built-in languages', () => {

    const languages = languagesOf({});

    it('are four, English first', () => {

        expect(languages.map(({ locale }) => locale)).to.equal(['en', 'fr', 'de', 'es']);
    });

    it('say everything, with the same places to fill in', () => {

        const [english] = languages;
        for (const { locale, texts } of languages) {
            expect(Object.keys(texts).sort(), locale).to.equal(Object.keys(english.texts).sort());
            for (const [name, text] of Object.entries(texts)) {
                expect(text.trim(), `${locale} ${name}`).to.equal(text).and.not.be.empty();
                expect(places(text), `${locale} ${name}`).to.equal(places(String(Reflect.get(english.texts, name))));
            }
        }
    });

    it('are different ones: no two share a sentence', () => {

        for (const [index, { locale, texts }] of languages.entries()) {
            const others = languages.slice(index + 1);
            for (const [name, text] of Object.entries(texts).filter(([, sentence]) => sentence.length > 16)) {
                for (const other of others) {
                    expect(Reflect.get(other.texts, name), `${locale} ${other.locale} ${name}`).to.not.equal(text);
                }
            }
        }
    });

    it('say in one way what a sentence ends with', () => {

        for (const { locale, texts } of languages) {
            for (const [name, text] of Object.entries(texts)) {
                expect(/[.?!]$/.test(text), `${locale} ${name}: ${text}`).to.equal(/[.?!]$/.test(String(Reflect.get(languages[0].texts, name))));
            }
        }
    });
});

describe('Texts of an app', () => {

    it('add a language, in English where they say nothing, under the tag as it is written', () => {

        const [english, , , , italian] = languagesOf({ 'IT-ch': { signInTitle: 'Accedi', scopes: { 'reports:read': 'Leggere i rapporti' } } });
        expect(italian).to.include({ locale: 'it-CH', scopes: { 'reports:read': 'Leggere i rapporti' } });
        expect(italian?.texts).to.equal({ ...english.texts, signInTitle: 'Accedi' });
    });

    it('say some things differently in a language that there is', () => {

        const [english, french] = languagesOf({ fr: { allow: 'D’accord' }, en: { allow: 'Yes', consentIntro: 'Let {client}:' } });
        expect([english.texts.allow, english.texts.deny, english.texts.consentIntro]).to.equal(['Yes', 'Deny', 'Let {client}:']);
        expect([french?.texts.allow, french?.texts.deny]).to.equal(['D’accord', 'Refuser']);
    });

    it('are refused with a sentence where they cannot be meant', () => {

        expect(refused('not a tag', {})).to.equal('setTexts(\'not a tag\'): a language is a tag such as \'it\' or \'pt-BR\' (BCP 47)');
        expect(refused('it', { signin: 'x' })).to.equal('setTexts(\'it\'): there is no text \'signin\'. The names are those of the type PageTexts, and scopes');
        expect(refused('it', { toString: 'x' })).to.contain('there is no text \'toString\'');
        expect(refused('it', { allow: 7 })).to.equal('setTexts(\'it\'): allow is a text');
        expect(refused('it', { allow: '' })).to.equal('setTexts(\'it\'): allow is a text');
        expect(refused('it', { scopes: { read: {} } })).to.equal('setTexts(\'it\'): scopes says in words what the scope \'read\' allows');
        expect(refused('it', { consentIntro: '{name} vuole' })).to.equal('setTexts(\'it\'): nothing fills in {name} of consentIntro, which has {client}');
        expect(refused('it', { allow: 'Consenti {client}' })).to.equal('setTexts(\'it\'): nothing fills in {client} of allow');
    });
});
