"""The analyst: a question in plain words becomes a query spec over the catalogue, and its figures a sentence, a chart
and a table.

    answer = question_ask(question="α by channel last week", asker=Asker("client:abc"), conversation="board")
    answer.text, answer.result, answer.chart, answer.suggestions

Whoever reads the question, the grammar or a model, may do no more than fill in a spec; everything else is ours.
"""
