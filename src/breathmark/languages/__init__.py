"""The words of each language, as data: one folder for each, named by its BCP 47 tag, with files that may all lack.

``language.yaml`` (what Breathmark itself says), ``pauses.yaml`` (how pauses are written out), ``lexicon.yaml`` (how
words are spoken), ``site.yaml`` (the words of a course's pages), ``rules/*.yaml`` (the phrases that rules look for).
A package adds a language, or files that a language lacks, by an entry point of the group ``breathmark.languages``.
"""
