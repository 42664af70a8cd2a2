"""The extranet's routers: intent from the model, configuration, difference, push with a confirm timer, proof."""
