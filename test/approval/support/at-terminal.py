"""Runs a command at a pseudo-terminal, answers its question, and prints what it showed and how it ended, as JSON.

at-terminal.py <question> <answer> <program> <argument>...   escapes such as \\n and \\x03 (Ctrl-C) in the answer are read
"""
import json
import os
import pty
import sys

question, answer, *command = sys.argv[1:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)

shown = b""
asked = False
while True:
    try:
        chunk = os.read(terminal, 4096)
    except OSError:  # Linux says EIO where the other side has gone.
        break
    if not chunk:
        break
    shown += chunk
    if not asked and question.encode() in shown:
        asked = True
        os.write(terminal, answer.encode().decode("unicode_escape").encode("latin-1"))
_, status = os.waitpid(child, 0)
ended = {"signal": os.WTERMSIG(status)} if os.WIFSIGNALED(status) else {"exitCode": os.WEXITSTATUS(status)}
print(json.dumps({"shown": shown.decode("utf-8", "replace"), "asked": asked, **ended}))
