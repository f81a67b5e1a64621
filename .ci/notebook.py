"""Executes notebooks; with --write, keeps what they print."""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

write = "--write" in sys.argv
for name in [name for name in sys.argv[1:] if name != "--write"]:
    notebook = nbformat.read(name, as_version=4)
    place = {"metadata": {"path": str(Path(name).parent)}}
    client = NotebookClient(notebook, timeout=300, record_timing=False, resources=place)
    client.extra_arguments = ["--IPKernelApp.log_level=40"]
    client.execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    warned = [out for cell in cells for out in cell.outputs if out.get("name") == "stderr"]
    if warned:
        sys.exit(f"{name} warns: {warned[0]['text']}")
    if write:
        notebook.metadata["language_info"] = {"name": "python"}
        nbformat.write(notebook, name)
    print(f"{name}: {len(cells)} cells of code")
