from gevent.pool import Pool
from measure import measure

ITEMS = 1_000
items = list(range(ITEMS))
pool = Pool(10)

measure(ITEMS, lambda: pool.map(lambda x: x + 1, items))
