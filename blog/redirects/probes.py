"""Paths that scanners request from every website on earth, each many times a day.

Only where they are 404 here too is the answer cached, so a post, a page or a redirect at one of them works as anywhere.
"""

PROBES = frozenset(
    """
    /.aws/credentials /.DS_Store /.env /.env.bak /.env.local /.env.production /.git/HEAD /.git/config /.htaccess
    /.svn/entries /.vscode/sftp.json /actuator/health /admin.php /administrator/
    /ads.txt /app-ads.txt /autodiscover/autodiscover.xml /backup.sql /backup.zip /boaform/admin/formLogin
    /browserconfig.xml /cgi-bin/luci /config.php /dump.sql /info.php
    /owa/auth/logon.aspx /phpinfo.php /phpmyadmin/ /pma/ /sellers.json /shell.php /solr/
    /telescope/requests /test.php /vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php
    /wp-admin/admin-ajax.php /wp-admin/install.php /wp-admin/setup-config.php /wp-config.php /wp-config.php.bak
    /wp-content/ /wp-content/debug.log /wp-cron.php /wp-includes/wp-json/ /wp-json/wp/v2/users
    /wp-json/wp/v2/users/ /wp-trackback.php /xmlrpc.php
    """.split()
)
