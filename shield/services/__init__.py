"""Who is asked, for what, from where: a request becomes a Context."""
