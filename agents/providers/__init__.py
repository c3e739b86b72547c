"""Model providers behind one interface; `settings.MODEL_PROVIDERS` names them."""
