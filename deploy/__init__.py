"""Make it so: plan, apply as one transaction, confirm, roll back, recover, and the journal of it all."""
