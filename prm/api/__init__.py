"""What the REST API stands on: who is asking, errors, pages of lists, answers given twice. `prm.api.site` puts it together."""
