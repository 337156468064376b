"""What the exporter can be asked about: one class a module, all with the face `monitoring.exporter.answer.Module`."""
