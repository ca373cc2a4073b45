"""Words for what a letter fills in: English, Welsh, how adults are greeted."""
