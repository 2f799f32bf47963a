#!/bin/bash
# Stands in for the entrypoint of the official MariaDB image, as far as our manifests rely on it: at the very first start it
# creates the database, the user and root's password from the environment. (MariaDB/mariadb-docker: docker-entrypoint.sh)
set -euo pipefail

if [ "$1" = mariadbd ] && [ ! -d /var/lib/mysql/mysql ]; then
    mariadb-install-db --datadir=/var/lib/mysql --skip-test-db --auth-root-authentication-method=normal > /dev/null
    # Until the users exist it listens only at its Unix socket, as the image does; a probe over TCP must fail.
    mariadbd --skip-networking --socket=/run/mysqld/first.sock &
    until mariadb-admin --socket=/run/mysqld/first.sock ping > /dev/null 2>&1; do sleep 0.1; done
    mariadb --socket=/run/mysqld/first.sock --user=root << SQL
        DROP USER IF EXISTS root@'127.0.0.1', root@'::1';
        CREATE USER root@'%' IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';
        GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;
        ALTER USER root@localhost IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';
        CREATE DATABASE $MYSQL_DATABASE;
        CREATE USER $MYSQL_USER@'%' IDENTIFIED BY '$MYSQL_PASSWORD';
        GRANT ALL ON $MYSQL_DATABASE.* TO $MYSQL_USER@'%';
SQL
    MYSQL_PWD="$MYSQL_ROOT_PASSWORD" mariadb-admin --socket=/run/mysqld/first.sock --user=root shutdown
    wait
fi
exec "$@"
