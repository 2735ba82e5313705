import sys

from tests.stand_in.server import serve

serve(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
